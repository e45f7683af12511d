/**
 * What Deno itself costs: passes bytes on and looks at none.
 * relay.ts listen PLACE | connect PLACE, which is JSON
 *
 * @module
 */
import type { Place } from "../contenders.ts";

const BLOCK_BYTES = 256 * 1024;

const [how, json = ""] = Deno.args;
const place: Place = JSON.parse(json);
const connection = how === "listen" ? await acceptOne() : await connect();
const sending = pass(Deno.stdin, connection)
  .then(() => connection.closeWrite());
await pass(connection, Deno.stdout);
await sending;

async function acceptOne(): Promise<Deno.Conn> {
  const { carrier, hostname, port, path } = place;
  const listener = carrier === "unix"
    ? Deno.listen({ transport: "unix", path })
    : carrier === "tls"
    ? Deno.listenTls({
      hostname,
      port,
      cert: await Deno.readTextFile(place.cert),
      key: await Deno.readTextFile(place.key),
    })
    : Deno.listen({ hostname, port });
  console.error("listening on what was asked for");
  const accepted = await listener.accept();
  listener.close();
  return accepted;
}

async function connect(): Promise<Deno.Conn> {
  const { carrier, hostname, port, path } = place;
  if (carrier === "unix") return Deno.connect({ transport: "unix", path });
  if (carrier === "tcp") {
    const connected = await Deno.connect({ hostname, port });
    connected.setNoDelay(true);
    return connected;
  }
  const caCerts = [await Deno.readTextFile(place.cert)];
  return Deno.connectTls({ hostname, port, caCerts });
}

/**
 * Passes bytes on up to the end of the stream. Over TLS, the next read is under
 * way while a block is written.
 */
async function pass(
  source: { read(buffer: Uint8Array): Promise<number | null> },
  sink: { write(bytes: Uint8Array): Promise<number> },
): Promise<void> {
  const isAhead = place.carrier === "tls";
  let filling = new Uint8Array(BLOCK_BYTES);
  let other = isAhead ? new Uint8Array(BLOCK_BYTES) : filling;
  let reading = source.read(filling);
  for (let count; (count = await reading) !== null;) {
    const writing = writeAll(sink, filling.subarray(0, count));
    [filling, other] = [other, filling];
    if (!isAhead) await writing;
    reading = source.read(filling);
    await writing;
  }
}

async function writeAll(
  sink: { write(bytes: Uint8Array): Promise<number> },
  bytes: Uint8Array,
): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += await sink.write(bytes.subarray(done));
  }
}
