/** Random numbers as functions of (seed, purpose, index, step). */
package org.charlstm.random;
