/**
 * Of this module alone: what its devices share, and what they may offer the rooms above beyond
 * {@link org.charlstm.device.Operations}.
 */
package org.charlstm.device.spi;
