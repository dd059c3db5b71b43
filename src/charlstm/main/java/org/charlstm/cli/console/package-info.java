/**
 * Where commands speak with people: the console and its terminal, lines that are read, and the wording of wrong usage.
 */
package org.charlstm.cli.console;
