export { type PrintedDocument, type PrintedMark, printedMarks } from './printed-document.js';
export { printedQuote } from './printed-quote.js';
export { createPrinter, type Printer } from './printer.js';
