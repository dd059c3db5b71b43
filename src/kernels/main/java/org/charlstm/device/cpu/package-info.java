/** The processor through the Vector API: at a given vector width, any number of threads gives identical bits. */
package org.charlstm.device.cpu;
