/**
 * What Deno itself costs: each member hears what the others send, with no names
 * and no limits.
 * hub.ts PORT
 *
 * @module
 */
const BLOCK_BYTES = 1024;
const WELCOME = new TextEncoder().encode("welcome\n");

const port = Number(Deno.args[0]);
const members = new Set<Deno.Conn>();
const listener = Deno.listen({ hostname: "127.0.0.1", port });
console.error(`listening on ${port}`);
for await (const member of listener) serve(member);

async function serve(member: Deno.TcpConn): Promise<void> {
  member.setNoDelay(true);
  members.add(member);
  try {
    await send(member, WELCOME);
    const buffer = new Uint8Array(BLOCK_BYTES);
    for (let count; (count = await member.read(buffer)) !== null;) {
      const said = buffer.subarray(0, count);
      const others = [...members].filter((other) => other !== member);
      await Promise.all(others.map((other) => send(other, said)));
    }
  } catch {
    // It is gone, or another is: that one finds out itself.
  }
  members.delete(member);
}

async function send(member: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += await member.write(bytes.subarray(done));
  }
}
