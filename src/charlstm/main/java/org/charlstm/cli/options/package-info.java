/**
 * Groups of options that several commands share, and converters for their values. Each option of {@code train} declares
 * where the help lists it, and whether a resumed run may change it.
 */
package org.charlstm.cli.options;
