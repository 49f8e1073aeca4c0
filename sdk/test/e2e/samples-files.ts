import { randomUUID } from 'node:crypto';
import { dataContracts } from '@platen/schema/contracts/data/index';
import type { DataSample, Victim } from './samples-data.js';

const { customers, files } = dataContracts.erp;

const boundary = 'platen-acceptance';
const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
/** Its fields, then a file whose content is what its type says. */
const formOf = (fields: Readonly<Record<string, string>>): Buffer =>
  Buffer.from(
    [
      ...Object.entries(fields).map(
        ([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
      ),
      `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="art.pdf"\r\n\r\n%PDF-1.7\n`,
      `\r\n--${boundary}--\r\n`,
    ].join(''),
  );

/** Of the whole organization, unless it is uploaded in a workspace. */
export const newFile = (victim: Victim, fields: Readonly<Record<string, string>> = {}) =>
  // The form in the place of its fields: it is sent as it is.
  victim.call(files.upload, { body: formOf(fields), headers });

async function ownedForm(victim: Victim) {
  const code = `f-${randomUUID().slice(0, 13)}`;
  const { id } = await victim.call(customers.create, { body: { code, name: 'With files', currency: 'EUR' } });
  return { id, form: { owner_kind: 'customer', owner_id: id } };
}
/** A customer's, which every workspace of the organization sees. */
const customersFile = async (victim: Victim) => newFile(victim, (await ownedForm(victim)).form);
const byId = async (victim: Victim): Promise<DataSample> => {
  const { id } = await customersFile(victim);
  return { params: { id }, foreign: 'not_found', ids: [id] };
};

export const fileSamples = {
  'erp.files.upload': async (victim: Victim): Promise<DataSample> => {
    const { id, form } = await ownedForm(victim);
    return { body: formOf(form), headers, foreign: 'unknown_reference', ids: [id] };
  },
  'erp.files.list': async (victim: Victim): Promise<DataSample> => {
    const { id } = await customersFile(victim);
    return { query: { limit: '200' }, foreign: 'unseen', ids: [id] };
  },
  'erp.files.get': byId,
  'erp.files.content': byId,
  'erp.files.delete': byId,
};
