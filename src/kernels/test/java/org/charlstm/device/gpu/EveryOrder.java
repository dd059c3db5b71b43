package org.charlstm.device.gpu;

import module java.base;
import org.charlstm.cuda.SimulatedGpu;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Tests of kernels, whose blocks the simulated GPU then runs forward, backward and shuffled, to see whether the order
 * matters. For all other tests it runs them forward alone, which takes a third of the time.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(EveryOrder.Switch.class)
public @interface EveryOrder {
    /** The property that names the orders to take instead, for those who have time for one alone. */
    String ORDERS = "charlstm.orders";

    /** Sets what the simulated GPU reads, where there can be one, and puts back what was. */
    final class Switch implements BeforeAllCallback, AfterAllCallback {
        private static final String VARIABLE = "CHARLSTM_SIM_ORDERS";

        @Override
        public void beforeAll(ExtensionContext context) {
            set(System.getProperty(EveryOrder.ORDERS, "all"));
        }

        @Override
        public void afterAll(ExtensionContext context) {
            set(System.getenv(VARIABLE));
        }

        private static void set(String orders) {
            if (!System.getProperty("os.name").startsWith("Windows")) {
                SimulatedGpu.set(VARIABLE, orders);
            }
        }
    }
}
