import { NO_USAGE } from '../../src/domain/usage';
import { NOTHING_SPENT, Spending } from '../../src/policy/spending';

const used = (promptTokens: number, completionTokens: number, costUsd: number | null) => ({
  ...NO_USAGE,
  calls: 1,
  promptTokens,
  completionTokens,
  costUsd,
});

describe('spending', () => {
  it('leaves what a cap leaves, of prompts and answers together, and says which cap is reached', () => {
    const spending = new Spending({ tokens: 100, cost: 2 }, NOTHING_SPENT);
    spending.add(used(60, 20, 0.5));
    expect([spending.left, spending.reachedCap]).toEqual([{ tokens: 20, costUsd: 1.5 }, null]);
    spending.add(used(0, 1, 1.5));
    expect([spending.left.costUsd, spending.reachedCap]).toEqual([0, 'cost']);
    spending.add(used(100, 1, 0));
    expect([spending.left.tokens, spending.reachedCap]).toEqual([0, 'tokens']);
  });

  it('knows no end without a cap, and goes on when a cap is extended', () => {
    const free = new Spending({}, NOTHING_SPENT);
    free.add(used(1e9, 0, null));
    expect([free.left, free.reachedCap]).toEqual([{ tokens: null, costUsd: null }, null]);
    const capped = new Spending({ tokens: 10 }, NOTHING_SPENT);
    capped.add(used(10, 0, null));
    capped.extend({ tokens: 5 });
    expect(capped.left.tokens).toBe(5);
    const carried = new Spending({ tokens: 10 }, capped.state());
    expect([carried.left.tokens, carried.usage.promptTokens]).toEqual([5, 10]);
  });

  it('does not call a cap on money held when the price of a call was not known', () => {
    const spending = new Spending({ cost: 5 }, NOTHING_SPENT);
    spending.add(used(1, 1, null));
    expect(spending.reachedCap).toBe('cost');
  });

  it('sets aside what a call costs in the mean', () => {
    const spending = new Spending({ tokens: 100 }, NOTHING_SPENT);
    spending.add(used(30, 0, 0));
    spending.add(used(50, 0, 0));
    spending.reserveCall();
    expect([spending.left.tokens, spending.reachedCap]).toEqual([0, 'tokens']);
    spending.releaseCall();
    expect([spending.left.tokens, spending.reachedCap]).toEqual([20, null]);
  });
});
