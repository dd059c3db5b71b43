package org.charlstm.serve;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.InterruptedIOException;
import org.junit.jupiter.api.Test;

class ClientTimeoutTest {
    @Test
    void answeringAfterTheServerHasEndedFailsLikeAnInterruption() {
        ClientTimeout alarm = new ClientTimeout(60_000);
        alarm.close();
        assertThrows(InterruptedIOException.class, () -> alarm.within(() -> "answer"));
        alarm.quietly(() -> "answer");
    }
}
