/** Recurrent layers on every core, one file a cell and a direction. */
package org.charlstm.device.cpu.rnn;
