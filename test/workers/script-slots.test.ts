import { setTimeout as sleep } from 'node:timers/promises';
import type { CustomSlotSupplier, SlotReserveContext, ActivitySlotInfo, SlotPermit } from '@temporalio/worker';
import { scriptSlotSupplier } from '../../src/workers/script-slots';

const CONTEXT: SlotReserveContext = {
  slotType: 'activity',
  taskQueue: 'coppice-exec',
  workerIdentity: 'test',
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- its type still asks for it
  workerBuildId: '',
  isSticky: false,
};

/** A supplier, how many of its permits are out, and scripts that run without one. */
class Slots {
  others = 0;
  permits: SlotPermit[] = [];
  private readonly over = new AbortController();
  private readonly supplier: CustomSlotSupplier<ActivitySlotInfo>;

  constructor(slots: number, countOthers?: () => Promise<number>) {
    this.supplier = scriptSlotSupplier({ slots, countOthers: countOthers ?? (async () => this.others) });
  }

  async ask(): Promise<void> {
    const permit = await this.supplier.reserveSlot(CONTEXT, this.over.signal);
    this.permits.push(permit);
  }

  release(): void {
    const permit = this.permits.pop();
    if (permit !== undefined) this.supplier.releaseSlot({ permit });
  }

  end(): void {
    this.over.abort();
  }
}

/** Long enough for a worker without a slot to look again. */
const LOOKED = 1200;

it('hands out as many permits as there are slots, to callers that ask at once, and one for each given back', async () => {
  const slots = new Slots(2);
  const asked = [1, 2, 3].map(() => slots.ask().catch(() => 'ended'));
  await sleep(100);
  expect(slots.permits).toHaveLength(2);
  slots.release();
  await sleep(LOOKED);
  expect(slots.permits).toHaveLength(2);
  slots.end();
  await Promise.all(asked);
});

it('keeps the slots of scripts that run already, until they have ended', async () => {
  const slots = new Slots(2);
  slots.others = 2;
  const asked = slots.ask();
  await sleep(100);
  expect(slots.permits).toHaveLength(0);
  slots.others = 1;
  await asked;
  expect(slots.permits).toHaveLength(1);
});

it('hands out nothing while it cannot tell what runs', async () => {
  let broken = true;
  const slots = new Slots(1, () => (broken ? Promise.reject(new Error('no disk')) : Promise.resolve(0)));
  const asked = slots.ask();
  await sleep(100);
  expect(slots.permits).toHaveLength(0);
  broken = false;
  await asked;
});

it('lets go of a caller that is not waiting any more', async () => {
  const slots = new Slots(1);
  slots.others = 1;
  const asked = slots.ask();
  slots.end();
  await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
});
