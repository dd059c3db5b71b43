/**
 * What is called of NVIDIA's libraries: one narrow interface for every binding, its statuses, and where libraries are.
 */
package org.charlstm.device.cuda.binding;
