/** The commands' interaction with people: the console and its terminal, input lines, and usage errors. */
package org.charlstm.cli.console;
