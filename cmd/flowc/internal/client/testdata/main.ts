// Asks a pipeline with two things for all that it has.
import { Client, FlowError, type Lot } from './client.js';

declare const process: { argv: string[]; exit(code: number): never };

function check(what: string, got: unknown, want: unknown): void {
  const text = (v: unknown) => JSON.stringify(v, (_, x) => typeof x === 'bigint' ? x + 'n' : x instanceof Map ? [...x] : x);
  if (text(got) !== text(want)) {
    console.log(what + ': ' + text(got) + ', want ' + text(want));
    process.exit(1);
  }
}

const base = process.argv[2]!;
const c = new Client(base, { page: 1 });
const one = '11111111-1111-4111-8111-111111111111', two = '22222222-2222-4222-8222-222222222222';

const thing = (await c.newest(one))!;
check('big', thing.big, 9007199254740993n);
check('price', thing.price, '12345678901234567.25');
check('exact', thing.exact, 2.5);
check('from', thing['from-wire'], 'here');
check('raw', [...thing.raw], [97, 98, 99]);
check('at', thing.at, '2024-05-01T12:00:00.123456Z');
check('long', thing.long, '1h30m');
check('any', thing.any, { a: [1, 2.5] });
check('maybe', thing.maybe, 7n);
check('named', thing.named, new Map([['x', 1n]]));
check('paired', thing.paired, [[1n, 'a']]);
check('color', thing.color, 'green');
check('shape', thing.shape.$type === 'Circle' ? thing.shape.radius : 0, 1.5);
check('nobody', await c.newest('33333333-3333-4333-8333-333333333333'), undefined);

const keys = [one, ...Array.from({ length: 149 }, (_, i) => '33333333-3333-4333-8333-' + String(i).padStart(12, '0')), two];
const rows = await c.newestOf(keys);
check('rows', [rows.length, rows[0]![1]!.small, rows[5]![1], rows[150]![1]!.maybe], [151, 3, undefined, null]);
const seen: string[] = [];
for await (const [key] of c.newestAll()) seen.push(key);
check('all', seen.sort(), [one, two]);

const lot: Lot = { id: 9007199254740993n, color: 'green', price: '12345678901234567.25' };
check('lots', await c.lots(lot), 1n);
const names: unknown[] = [];
for await (const [i, name] of c.names(lot)) names.push(i, name);
check('names', names, [0n, 'here']);
check('has', [await c.colorsEntry(lot, 'green'), await c.colorsEntry(lot, 'red')], [true, undefined]);
check('times', await c.timesEntry(one, '2024-05-01T12:00:00.123456Z'), 9007199254740993n);
for await (const e of c.times(one, { from: '2024-05-01T12:00:00.123457Z' })) check('an entry after the last', e, 0);
check('prices', await c.prices('green'), { least: '12345678901234567.25', n: 1n });
check('seen', await c.seen('2024-05-01'), '2024-05-01T12:00:00.123456Z');

const failure = async (p: Promise<unknown>): Promise<unknown> => p.then(() => undefined, (e) => e);
const said = await failure(new Client(base, { retries: 0 }).checkpointed().newest(one));
check('checkpointed', said instanceof FlowError && [said.code, said.status], ['no_checkpoint', 503]);
check('slow', await failure(new Client(base + '/slow', { retries: 0, timeout: 200 }).newest(one)) !== undefined, true);
check('flaky', (await new Client(base + '/flaky').newest(two)) !== undefined, true);

const [secured, token] = [process.argv[3]!, process.argv[5]!];
check('with TLS and a token', (await new Client(secured, { token }).newest(one))!.big, thing.big);
const refused = await failure(new Client(secured).newest(one));
check('without a token', refused instanceof FlowError && refused.status, 401);
console.log('fine');
