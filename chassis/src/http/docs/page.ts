import { createHash } from 'node:crypto';

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (character) => escapes[character] ?? character);

/** A page without a script or a style of its own, so that its policy can forbid them. */
export const docsPage = (title: string, assets: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" type="image/png" href="${assets}/favicon.png">
<link rel="stylesheet" href="${assets}/swagger-ui.css">
<link rel="stylesheet" href="${assets}/viewer.css">
</head>
<body>
<div id="viewer"></div>
<noscript>This page needs JavaScript; the endpoints are also in the OpenAPI document that it shows.</noscript>
<script src="${assets}/swagger-ui-bundle.js"></script>
<script type="module" src="${assets}/viewer.js"></script>
</body>
</html>
`;

/** Quieter than the library's: the access and the errors are what people look for. */
export const docsStyle = `body { margin: 0; background: #fff; }
.swagger-ui .info { margin: 28px 0 12px; }
.swagger-ui .info .title { font-size: 28px; }
.swagger-ui .scheme-container { padding: 12px 0; box-shadow: none; border-bottom: 1px solid #e0e0e0; }
.swagger-ui .opblock-tag { font-size: 18px; }
.swagger-ui .opblock-tag small { font-size: 13px; color: #5a5a5a; }
`;

/** Everything comes from this host; requests go to it alone, which is also where the cookies are. */
export const docsPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Names a content: what is cached for a year under it is never another. */
export const fingerprint = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\n')).digest('base64url').slice(0, 12);
