/**
 * Reads captions and running text, preprocesses and encodes them: vocabulary, corpus and features. Has a generator of
 * built-in captions too.
 */
package org.charlstm.text;
