/** Shared helpers, not exported: files written whole, untrusted JSON, refusals, messages. */
package org.charlstm.base;
