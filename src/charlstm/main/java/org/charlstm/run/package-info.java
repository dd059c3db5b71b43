/** A training run: its setup and text, its loop, its folder, its figures and its listeners. */
package org.charlstm.run;
