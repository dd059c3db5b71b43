/**
 * Of this module alone: what its devices share or may offer beyond {@link org.charlstm.device.Operations}, and the rooms
 * above ask of them.
 */
package org.charlstm.device.spi;
