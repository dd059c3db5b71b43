/** A training run: what it is and what it learns, its folder, its figures, and those who follow it. */
package org.charlstm.run;
