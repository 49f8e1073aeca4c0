import type { HtmlPage } from './habits.js';

// What people see, and a program when something is wrong.
const page = (title: string, body: string): string =>
  `<!DOCTYPE html>\n<html lang="en"><head><title>${title}</title></head><body>${body}</body></html>\n`;

const form =
  '<form action="/login" method="post"><input name="login"><input name="password" type="password"><button>Log in</button></form>';

export const htmlPages: Readonly<Record<HtmlPage | 'notFound', string>> = {
  login: page('Log in', `<h1>Log in</h1>${form}`),
  maintenance: page('Down for maintenance', '<h1>We will be back soon</h1>'),
  notFound: page('Not found', "<h1>The page you were looking for doesn't exist</h1>"),
};
