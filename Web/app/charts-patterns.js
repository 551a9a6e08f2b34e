// The graph of rules: what is bought together, each thing once, the strongest ties thickest.
import { base, tip } from './charts.js';
import * as format from './format.js';
import { t } from './i18n.js';

const LONGEST = 18;
const clip = (text) => ([...text].length > LONGEST ? `${[...text].slice(0, LONGEST).join('')}…` : text);

/** The nodes and ties of rules between two things: the ones that explain most orders, up to `most`. */
export function graphOf(rules, most) {
  const nodes = new Map();
  const ties = new Map();
  for (const rule of rules) {
    if (rule.if.length !== 1 || rule.then.length !== 1) continue;
    const [a, b] = [rule.if[0], rule.then[0]];
    const key = [a.id, b.id].sort().join('\u001f');
    const known = ties.get(key);
    // Of both directions the surer one is drawn.
    if (known && known.rule.confidence >= rule.confidence) continue;
    if (!known && ties.size >= most) continue;
    ties.set(key, { rule, source: a, target: b });
    for (const thing of [a, b]) nodes.set(thing.id, { thing, degree: 0, orders: 0 });
  }
  for (const tie of ties.values()) {
    for (const id of [tie.source.id, tie.target.id]) {
      const node = nodes.get(id);
      node.degree += 1;
      node.orders = Math.max(node.orders, tie.rule.antecedent_orders);
    }
  }
  return { nodes: [...nodes.values()], ties: [...ties.values()] };
}

/** The picture: an arrow from what is there to what then is there too. */
export function ruleGraph({ nodes, ties }) {
  const strongest = Math.max(...ties.map(({ rule }) => rule.lift), 1);
  const most = Math.max(...nodes.map((node) => node.degree), 1);
  return (colours) => ({
    ...base(colours, {
      trigger: 'item',
      tooltip: ({ dataType, dataIndex }) => {
        if (dataType !== 'edge') {
          const { thing, degree } = nodes[dataIndex];
          return tip(thing.label, [[t('patterns.graph.ties'), format.count(degree)]]);
        }
        const { rule, source, target } = ties[dataIndex];
        return tip(`${source.label} → ${target.label}`, [
          [t('patterns.confidence'), format.percent(rule.confidence)],
          [t('patterns.lift'), format.decimal(rule.lift, 1)],
          [t('patterns.orders'), format.count(rule.orders)],
        ]);
      },
    }),
    xAxis: undefined,
    yAxis: undefined,
    series: [
      {
        type: 'graph',
        layout: 'force',
        roam: true,
        draggable: true,
        scaleLimit: { min: 0.5, max: 4 },
        force: { repulsion: 700, edgeLength: [90, 220], gravity: 0.1, layoutAnimation: false },
        edgeSymbol: ['none', 'arrow'],
        edgeSymbolSize: 7,
        cursor: 'pointer',
        data: nodes.map(({ thing, degree }) => ({
          id: thing.id,
          name: thing.label,
          symbolSize: 8 + 16 * Math.sqrt(degree / most),
          itemStyle: { color: colours.accent, opacity: 0.85 },
          label: {
            show: true,
            position: 'right',
            color: colours.ink,
            fontSize: 12,
            formatter: clip(thing.label),
            textBorderColor: colours.paper,
            textBorderWidth: 3,
          },
        })),
        links: ties.map(({ rule, source, target }) => ({
          source: source.id,
          target: target.id,
          lineStyle: {
            color: colours.muted,
            width: 0.75 + 3 * Math.sqrt(rule.lift / strongest),
            opacity: 0.55,
            curveness: 0.12,
          },
        })),
        labelLayout: { hideOverlap: true },
        emphasis: { focus: 'adjacency', lineStyle: { color: colours.accent, opacity: 0.9 } },
      },
    ],
  });
}
