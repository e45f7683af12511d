/**
 * What members cost that only listen.
 *
 * @module
 */
import {
  type Bench,
  figureOf,
  type Figures,
  goalAtMost,
  inTurn,
  type Row,
  SCRIPTS,
} from "./measure.ts";
import {
  BARE_HUB,
  delay,
  HUB,
  OpenRoom,
  ourServer,
  ourWebServer,
  type RoomServer,
  sizesThatFit,
} from "./room_servers.ts";
import { residentBytes } from "./system.ts";

const KIBIBYTE = 1024;

/** What idle members cost. */
export async function memoryRow(bench: Bench): Promise<Row> {
  const { bigRooms } = bench.sizes;
  const server = ourServer(SCRIPTS);
  const { fit, unfit } = await sizesThatFit(bigRooms);
  const counts = [0, ...fit];
  const cells = await inTurn(
    [{
      contender: server.name,
      run: () => idleMembers(server, { counts, bench }),
    }, {
      contender: `${server.name}, browsers`,
      run: () => idleMembers(ourWebServer(SCRIPTS), { counts, bench }),
    }, {
      contender: BARE_HUB,
      run: () => idleMembers(HUB, { counts, bench }),
    }],
    { rounds: 1, base: SCRIPTS, bare: BARE_HUB, note: bench.note },
  );
  return {
    name: "memory",
    what: `at rest, with ${counts.join(", ")} idle members`,
    units: {
      "a member": "KiB",
      ...Object.fromEntries(counts.map((count) => [withCount(count), "MiB"])),
    },
    base: SCRIPTS,
    cells,
    goals: goalAtMost(
      `a member at most 1.3 × that of the ${BARE_HUB}`,
      figureOf(cells, SCRIPTS),
      1.3,
      figureOf(cells, BARE_HUB),
    ),
    skipped: unfit,
  };
}

async function idleMembers(
  server: RoomServer,
  { counts, bench }: {
    counts: readonly number[];
    bench: Bench;
  },
): Promise<Figures> {
  const most = Math.max(...counts);
  await using room = await OpenRoom.start(server, most, bench.folder);
  const kibibytes: [number, number][] = [];
  for (const count of counts) {
    await room.enter(count - room.size);
    await delay(bench.sizes.rest);
    kibibytes.push([count, await residentBytes(room.pid) / KIBIBYTE]);
  }
  const [, empty = NaN] = kibibytes[0] ?? [];
  const [, full = NaN] = kibibytes.at(-1) ?? [];
  return {
    "a member": (full - empty) / most,
    ...Object.fromEntries(
      kibibytes.map(([count, size]) => [withCount(count), size / KIBIBYTE]),
    ),
  };
}

function withCount(count: number): string {
  return `with ${count}`;
}
