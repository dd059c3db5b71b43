/**
 * The failure that users can mend; the packages below it each import only those above them: random, text.generated,
 * text, device, device.host, device.reference, device.cpu, device.cuda.binding, device.cuda.panama,
 * device.cuda, nn, io, train, generate, cli.
 */
package org.charlstm;
