/** Reads, preprocesses and encodes captions and running text, and generates captions. */
package org.charlstm.text;
