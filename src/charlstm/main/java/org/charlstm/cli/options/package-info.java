/**
 * Groups of options that several commands share, and the readers of their values. An option of
 * {@code train} says at its declaration where the help lists it, and whether a run may be resumed with another value.
 */
package org.charlstm.cli.options;
