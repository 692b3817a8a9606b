import { ModelRouter } from '../../src/policy/model-router';
import { routesTo } from '../helpers/fake-activities';

const NONE: ReadonlySet<number> = new Set();

const router = (...endpoints: string[]): ModelRouter =>
  new ModelRouter({ routes: routesTo(...endpoints), downUntil: {} });

describe('the choice of a model', () => {
  it('is the first that is not down, and the first of all once its time is over', () => {
    const models = router('a', 'b');
    expect(models.choose('draft', NONE, 0)).toBe(0);
    models.markDown('draft', 0, 100);
    expect(models.choose('draft', NONE, 99)).toBe(1);
    expect(models.choose('draft', NONE, 100)).toBe(0);
    models.markUp('draft', 0);
    expect(models.choose('draft', NONE, 0)).toBe(0);
  });

  it('tries those that are down, too, before it gives up', () => {
    const models = router('a', 'b');
    models.markDown('draft', 0, 100);
    models.markDown('draft', 1, 100);
    expect(models.choose('draft', NONE, 0)).toBe(0);
    expect(models.choose('draft', new Set([0]), 0)).toBe(1);
    expect(models.choose('draft', new Set([0, 1]), 0)).toBeNull();
  });

  it('learns for all roles, but tells two models of a role at one endpoint apart', () => {
    const models = router('a', 'a', 'b');
    models.markDown('draft', 0, 100);
    expect(models.choose('review', NONE, 0)).toBe(1);
    models.markDown('review', 1, 100);
    expect(models.choose('draft', NONE, 0)).toBe(2);
    expect(models.neighbours('draft', 0)).toEqual([1]);
  });

  it('crosses continue-as-new with what is still down, and forgets it when told to', () => {
    const models = router('a', 'b', 'c');
    models.markDown('draft', 0, 100);
    models.markDown('draft', 1, 50);
    const { downUntil } = models.state(60);
    const carried = new ModelRouter({ routes: routesTo('a', 'b', 'c'), downUntil });
    expect(carried.choose('improve', NONE, 60)).toBe(1);
    expect(carried.isOnTrial('draft', 0)).toBe(true);
    expect(carried.isOnTrial('draft', 1)).toBe(false);
    carried.forgive();
    expect(carried.choose('improve', NONE, 60)).toBe(0);
  });

  it('knows the offline model for none', () => {
    expect([router('offline').hasModel('digest'), router('offline', 'a').hasModel('digest')]).toEqual([false, true]);
  });
});
