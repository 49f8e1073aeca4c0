import { type Html, html } from './html.js';
import type { Block, Letter, PricedTable } from './letter.js';

// Mail programs know tables and inline styles; many drop style sheets, and Outlook knows little of padding on links.
const font = 'font-family:Arial,Helvetica,sans-serif';
const small = `${font};font-size:13px;line-height:20px;color:#52606d`;
const body = `${font};font-size:16px;line-height:24px;color:#1f2933`;
const cell = `${font};font-size:14px;line-height:20px;color:#1f2933;padding:8px 6px;border-bottom:1px solid #d9dee3`;
const head = `${font};font-size:13px;line-height:18px;color:#52606d;padding:8px 6px;border-bottom:2px solid #9aa5b1`;
const sum = `${font};font-size:14px;line-height:20px;color:#1f2933;padding:4px 6px`;
const button = `${font};font-size:16px;line-height:20px;color:#ffffff;text-decoration:none;display:inline-block;padding:12px 24px;border:1px solid #1d4ed8;border-radius:4px`;

const paragraph = (text: string): Html => html`<p style="${body};margin:0 0 16px">${text}</p>
`;

/** Two columns, so that a telephone has room for names. */
function table({ columns, rows, sums }: PricedTable): Html {
  const lines = rows.map(
    ({ product, detail, amount }) => html`<tr>
<td valign="top" style="${cell};word-break:break-word">${product}<br><span style="font-size:13px;color:#52606d">${detail}</span></td>
<td valign="top" align="right" style="${cell};white-space:nowrap">${amount}</td>
</tr>
`,
  );
  const totals = sums.map(({ label, amount, strong }) => {
    const style = strong ? `${sum};font-weight:bold;font-size:16px` : `${sum};font-weight:normal`;
    return html`<tr>
<th scope="row" align="right" style="${style}">${label}</th>
<td align="right" style="${style};white-space:nowrap">${amount}</td>
</tr>
`;
  });
  return html`<table width="100%" cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse;margin:8px 0 24px">
<thead><tr>
<th scope="col" align="left" style="${head}">${columns.product}</th>
<th scope="col" align="right" style="${head}">${columns.amount}</th>
</tr></thead>
<tbody>
${lines}</tbody>
<tfoot>
<tr><td colspan="2" style="padding:4px;line-height:4px;font-size:4px">&nbsp;</td></tr>
${totals}</tfoot>
</table>
`;
}

const action = ({ label, fallback, link }: Extract<Block, { kind: 'action' }>): Html =>
  html`<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:8px 0 16px"><tr>
<td bgcolor="#1d4ed8" style="border-radius:4px"><a href="${link}" style="${button}">${label}</a></td>
</tr></table>
<p style="${small};margin:0 0 24px">${fallback}<br><a href="${link}" style="color:#1d4ed8;word-break:break-all">${link}</a></p>
`;

function render(block: Block): Html {
  switch (block.kind) {
    case 'paragraph':
      return paragraph(block.text);
    case 'table':
      return table(block);
    case 'action':
      return action(block);
  }
}

/** A page 600 wide at most, black on white, readable without its styles. */
export function renderHtml({ language, subject, title, greeting, blocks, regards, sender }: Letter): string {
  return html`<!doctype html>
<html lang="${language}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>${subject}</title>
</head>
<body style="margin:0;padding:0;background-color:#f0f2f5">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="#f0f2f5"><tr>
<td align="center" style="padding:24px 12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="#ffffff" style="max-width:600px;border:1px solid #d9dee3"><tr>
<td align="left" style="padding:32px 28px">
<p style="${small};margin:0 0 8px">${sender}</p>
<h1 style="${font};font-size:22px;line-height:28px;color:#1f2933;margin:0 0 24px">${title}</h1>
${[paragraph(greeting), ...blocks.map(render)]}<p style="${body};margin:24px 0 0">${regards}<br>${sender}</p>
</td>
</tr></table>
</td>
</tr></table>
</body>
</html>
`.text;
}
