// The fields for where a venue is: names of wards as one types, over a form that works without.

import { data } from './page.js';
import { wardField } from './ward-field.js';

const { load } = wardField({ ward: 'ward_name', province: 'province', folder: new URL(data.folder, location.href) });
await load();
document.documentElement.dataset.ready = 'yes';
