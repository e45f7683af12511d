/**
 * What Deno itself costs: each member hears the lines of the others, with no
 * names and no limits.
 * hub.ts PORT
 *
 * @module
 */
/** No line is longer. */
const BLOCK_BYTES = 1024;
const LINE_FEED = 0x0a;
const WELCOME = new TextEncoder().encode("welcome\n");

const port = Number(Deno.args[0]);
/** The members, and until when the last is written that each is to hear. */
const members = new Map<Deno.Conn, Promise<void>>();
const listener = Deno.listen({ hostname: "127.0.0.1", port });
console.error(`listening on ${port}`);
for await (const member of listener) serve(member);

async function serve(member: Deno.TcpConn): Promise<void> {
  member.setNoDelay(true);
  await tell(member, WELCOME);
  const block = new Uint8Array(BLOCK_BYTES);
  let held = 0;
  try {
    for (let count; (count = await member.read(block.subarray(held)));) {
      held += count;
      const end = block.lastIndexOf(LINE_FEED, held - 1) + 1;
      const lines = block.subarray(0, end);
      const others = [...members.keys()].filter((other) => other !== member);
      await Promise.all(others.map((other) => tell(other, lines)));
      block.copyWithin(0, end, held);
      held -= end;
    }
  } catch {
    // It is gone.
  }
  members.delete(member);
}

/** Writes bytes after all before them; settles also where the member is gone. */
function tell(member: Deno.Conn, bytes: Uint8Array): Promise<void> {
  const written = (members.get(member) ?? Promise.resolve())
    .then(() => writeAll(member, bytes)).catch(() => {});
  members.set(member, written);
  return written;
}

async function writeAll(member: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += await member.write(bytes.subarray(done));
  }
}
