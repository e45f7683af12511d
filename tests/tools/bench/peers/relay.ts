/**
 * What Deno itself costs: passes bytes on and looks at none.
 * relay.ts listen PORT | connect PORT
 *
 * @module
 */
const HOST = "127.0.0.1";
const BLOCK_BYTES = 256 * 1024;

const [how, port] = Deno.args;
const address = { hostname: HOST, port: Number(port) };
const connection = how === "listen"
  ? await acceptOne()
  : await Deno.connect(address);
connection.setNoDelay(true);
const sending = pass(Deno.stdin, connection)
  .then(() => connection.closeWrite());
await pass(connection, Deno.stdout);
await sending;

async function acceptOne(): Promise<Deno.TcpConn> {
  const listener = Deno.listen(address);
  console.error(`listening on ${port}`);
  const accepted = await listener.accept();
  listener.close();
  return accepted;
}

/** Passes bytes on up to the end of the stream. */
async function pass(
  source: { read(buffer: Uint8Array): Promise<number | null> },
  sink: { write(bytes: Uint8Array): Promise<number> },
): Promise<void> {
  const buffer = new Uint8Array(BLOCK_BYTES);
  for (;;) {
    const count = await source.read(buffer);
    if (count === null) return;
    for (let done = 0; done < count;) {
      done += await sink.write(buffer.subarray(done, count));
    }
  }
}
