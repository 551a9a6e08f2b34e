// Runs in the page and returns a list of findings: names, headings, references, contrast, sizes.
() => {
  const findings = [];
  const describe = (element) =>
    `<${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ''}${
      element.getAttribute('class') ? `.${element.getAttribute('class').split(' ').join('.')}` : ''
    }> “${(element.textContent ?? '').trim().slice(0, 40)}”`;
  const shown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });

  function nameOf(element) {
    const label = element.getAttribute('aria-label');
    if (label?.trim()) return label;
    const by = element.getAttribute('aria-labelledby');
    if (by)
      return by
        .split(/\s+/)
        .map((id) => document.getElementById(id)?.textContent ?? '')
        .join(' ');
    if (element.labels?.length) return [...element.labels].map((one) => one.textContent).join(' ');
    if (element.tagName === 'IMG') return element.getAttribute('alt') ?? '';
    const copy = element.cloneNode(true);
    for (const hidden of copy.querySelectorAll('[aria-hidden="true"]')) hidden.remove();
    return `${copy.textContent} ${element.getAttribute('title') ?? ''}`;
  }

  function checkNames() {
    const controls =
      'a[href], button, input, select, textarea, summary, progress, dialog, [role="img"], [role="region"], [role="listbox"], nav, img';
    for (const element of document.querySelectorAll(controls)) {
      if (!shown(element) || element.closest('[aria-hidden="true"]')) continue;
      if (element.tagName === 'IMG' && element.hasAttribute('alt')) continue;
      if (!nameOf(element).trim()) findings.push(`no name: ${describe(element)}`);
    }
  }

  function checkStructure() {
    if (!['en-US', 'zh-CN'].includes(document.documentElement.lang))
      findings.push(`lang is “${document.documentElement.lang}”`);
    if (!document.title.trim()) findings.push('the document has no title');
    if (document.querySelectorAll('main').length !== 1) findings.push('there must be one main');
    const headings = [...document.querySelectorAll('h1, h2, h3, h4')].filter(
      (one) => shown(one) && !one.closest('dialog'),
    );
    if (headings.filter((one) => one.tagName === 'H1').length !== 1) findings.push('there must be one h1');
    let level = 0;
    for (const heading of headings) {
      const next = Number(heading.tagName[1]);
      if (next > level + 1) findings.push(`h${next} after h${level}: ${describe(heading)}`);
      if (!heading.textContent.trim()) findings.push('an empty heading');
      level = next;
    }
    const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
    for (const id of new Set(ids.filter((one, index) => ids.indexOf(one) !== index)))
      findings.push(`id ${id} is used twice`);
    for (const element of document.querySelectorAll(
      '[aria-controls], [aria-labelledby], [aria-activedescendant], label[for]',
    )) {
      for (const attribute of ['aria-controls', 'aria-labelledby', 'aria-activedescendant', 'for']) {
        for (const id of (element.getAttribute(attribute) ?? '').split(/\s+/).filter(Boolean)) {
          if (!document.getElementById(id))
            findings.push(`${attribute} names “${id}”, which is not there: ${describe(element)}`);
        }
      }
    }
    for (const table of document.querySelectorAll('table')) {
      if (!table.querySelector('th[scope]')) findings.push(`a table without headers: ${describe(table)}`);
    }
    for (const element of document.querySelectorAll('[tabindex]')) {
      if (element.tabIndex > 0) findings.push(`tabindex above 0: ${describe(element)}`);
    }
  }

  const parse = (text) => {
    const numbers = text.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
    return { r: numbers[0], g: numbers[1], b: numbers[2], a: numbers[3] ?? 1 };
  };
  const over = (top, under) => ({
    r: top.r * top.a + under.r * (1 - top.a),
    g: top.g * top.a + under.g * (1 - top.a),
    b: top.b * top.a + under.b * (1 - top.a),
    a: 1,
  });
  const luminance = ({ r, g, b }) =>
    [r, g, b]
      .map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
      .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
  const ratio = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };

  function backgroundOf(element) {
    const layers = [];
    for (let node = element; node; node = node.parentElement)
      layers.push(parse(getComputedStyle(node).backgroundColor));
    return layers.reverse().reduce((under, layer) => over(layer, under), { r: 255, g: 255, b: 255, a: 1 });
  }

  function checkContrast() {
    const sizes = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
      const element = text.parentElement;
      if (
        !text.textContent.trim() ||
        !shown(element) ||
        element.closest('.visually-hidden, [disabled], script, noscript, option')
      )
        continue;
      const style = getComputedStyle(element);
      sizes.add(style.fontSize);
      judge(element, style, describe(element));
    }
    for (const field of document.querySelectorAll('input[placeholder]')) {
      if (shown(field))
        judge(field, getComputedStyle(field, '::placeholder'), `placeholder of ${describe(field)}`);
    }
    if (sizes.size > 3) findings.push(`${sizes.size} text sizes: ${[...sizes].join(', ')}`);
  }

  function judge(element, style, name) {
    const background = backgroundOf(element);
    const found = ratio(over(parse(style.color), background), background);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if (found < needed - 0.01) findings.push(`contrast ${found.toFixed(2)} < ${needed}: ${name}`);
  }

  checkNames();
  checkStructure();
  checkContrast();
  return [...new Set(findings)];
};
