// The clock of a door: the server's time, carried on without network. A phone's clock that is set while
// the door is open does not move it; one that was asleep does.

/** So many seconds between two looks are a clock that was set, or a sleep. */
const JUMP_SECONDS = 5;

/** Times are Unix seconds: `wall` the phone's clock, `steady` one that nobody sets. */
export class DoorClock {
  /** `offset`: by how much the server's time was ahead of the phone's when it was last known. */
  constructor(offset = 0) {
    this.offset = offset;
    this.last = null;
  }

  /** The time. `mayHaveSlept`: the page was not shown all the time since the last look. */
  now(wall, steady, mayHaveSlept = false) {
    const { last } = this;
    this.last = { wall, steady };
    if (last) {
      const jump = (wall - last.wall) - (steady - last.steady);
      const slept = mayHaveSlept && jump > 0;
      if (Math.abs(jump) > JUMP_SECONDS && !slept) this.offset -= jump;
    }
    return Math.floor(wall + this.offset);
  }

  /** The server has said what time it is. */
  confirm(serverTime, wall) {
    this.offset = serverTime - wall;
  }
}
