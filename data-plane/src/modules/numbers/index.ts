export { nextNumberSql, numberTextSql } from './next-number.js';
