/**
 * Internal to this library: code that its devices share, and interfaces that a device may offer besides
 * {@link org.charlstm.device.Operations}.
 */
package org.charlstm.device.spi;
