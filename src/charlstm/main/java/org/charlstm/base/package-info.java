/** For all rooms, and not exported: files that are written whole, JSON that is not trusted, refusals, messages. */
package org.charlstm.base;
