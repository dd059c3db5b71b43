/**
 * Captions in, a vocabulary with start and end symbols, and the encoded corpus.
 */
package org.charlstm.text;
