/** Recurrent layers on every core. */
package org.charlstm.device.cpu.rnn;
