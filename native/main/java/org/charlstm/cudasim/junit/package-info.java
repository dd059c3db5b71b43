/** Tests of JUnit that run on the simulated GPU and fail for what it finds. */
package org.charlstm.cudasim.junit;
