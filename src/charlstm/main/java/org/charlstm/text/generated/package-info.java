/** Captions drawn from a grammar. */
package org.charlstm.text.generated;
