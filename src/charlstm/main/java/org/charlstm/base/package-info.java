/** What all rooms use and no program sees: files that are written whole, JSON that is not trusted, refusals. */
package org.charlstm.base;
