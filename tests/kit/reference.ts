/**
 * The reference conversation: what each side reads and what it shows.
 *
 * @module
 */
import type { Language, Role } from "../../lib/text/phrases.ts";

/** What one side reads, and what it shows of the conversation. */
export interface Part {
  input: string;
  output: string;
}

/** The options of both sides, besides the language. */
export const REFERENCE_OPTIONS = ["--style", "chat", "--turns"] as const;

/** What both sides read and show, in each language. */
export const REFERENCE: Record<Language, Record<Role, Part>> = {
  zh: {
    server: {
      input: "你好\n再见\n",
      output: `\
服务器启动 等待客户端连接...
客户端发来: 你好啊
服务器:你好
客户端发来: 再见
服务器:再见
客户端终止连接
`,
    },
    client: {
      input: "你好啊\n再见\nn\n",
      output: `\
客户端成功连接服务器 n结束:
客户端:你好啊
服务器回复: 你好
客户端:再见
服务器回复: 再见
客户端:n
`,
    },
  },
  en: {
    server: {
      input: "Hello\nGoodbye\n",
      output: `\
Server started, waiting for a client...
Client says: Hi there
Server: Hello
Client says: Goodbye
Server: Goodbye
The client has ended the conversation
`,
    },
    client: {
      input: "Hi there\nGoodbye\nn\n",
      output: `\
Connected to the server, n ends the conversation:
Client: Hi there
Server replies: Hello
Client: Goodbye
Server replies: Goodbye
Client: n
`,
    },
  },
};
