/**
 * Reads, preprocesses and encodes captions and running text: vocabulary, corpus and features. Also generates built-in
 * captions.
 */
package org.charlstm.text;
