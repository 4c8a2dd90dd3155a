/**
 * Many live sessions of one environment on few connections. A connection holds the environment's parsed schema, some fifty
 * times what a session has written; a session is the log of its writes, from which its state is made again when it is called.
 */
import { type LoggedCall, openSession, type Session, type SessionSource } from "./session.js";

export interface SessionPool {
  /** A session at the origin; closing it frees its place. */
  open(): Session;
  /** Closes the connections; the sessions cannot be called any more. */
  close(): void;
}

/** A connection, and whose state it holds. */
type Seat = { readonly session: Session; holder: Guest | null };

type Guest = { log: readonly LoggedCall[] };

/**
 * Opens a pool of up to `connections`, each opened when it is first needed. What is called least recently gives up its
 * connection first.
 */
export function openSessionPool({ connections, ...source }: SessionSource & { readonly connections: number }): SessionPool {
  // The seat used last stands last.
  const seats: Seat[] = [];

  function seatOf(guest: Guest): Seat {
    const seat = seats.find(({ holder }) => holder === guest) ?? freeSeat(guest);
    seats.splice(seats.indexOf(seat), 1);
    seats.push(seat);
    return seat;
  }

  function freeSeat(guest: Guest): Seat {
    const seat = seats.find(({ holder }) => holder === null) ?? (seats.length < connections ? addSeat() : seats[0]);
    if (seat === undefined) throw new RangeError(`Cannot open a session on ${connections} connections`);
    if (seat.holder !== null) seat.holder.log = seat.session.log();
    takeUp(seat, guest);
    return seat;
  }

  function addSeat(): Seat {
    const seat: Seat = { session: openSession(source), holder: null };
    seats.push(seat);
    return seat;
  }

  function leave(guest: Guest): void {
    const seat = seats.find(({ holder }) => holder === guest);
    if (seat !== undefined) seat.holder = null;
  }

  function open(): Session {
    const guest: Guest = { log: [] };
    return {
      get db() {
        return seatOf(guest).session.db;
      },
      get notes() {
        return seatOf(guest).session.notes;
      },
      call: (tool, given) => seatOf(guest).session.call(tool, given),
      log: () => seats.find(({ holder }) => holder === guest)?.session.log() ?? guest.log,
      reset: () => {
        leave(guest);
        guest.log = [];
      },
      close: () => {
        leave(guest);
      },
    };
  }

  function close(): void {
    for (const { session } of seats.splice(0)) session.close();
  }

  return { open, close };
}

/** Makes the guest's state on the seat's connection. @throws {Error} If a logged write is refused, which shows a defect. */
function takeUp(seat: Seat, guest: Guest): void {
  seat.holder = null;
  seat.session.reset();
  for (const call of guest.log) {
    const result = seat.session.call(call.tool, call.arguments);
    if (!result.ok) throw new Error(`Cannot take up a session: its logged call of "${call.tool}" is refused: ${result.error.message}`);
  }
  seat.holder = guest;
}
