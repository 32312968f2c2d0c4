package io.mortise.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A line to the server that can be cut, or go silent: what is sent over it then reaches nobody. */
final class Wire implements AutoCloseable {
    private final ServerSocket listening = new ServerSocket(0);
    private final List<Socket> ends = new CopyOnWriteArrayList<>();
    private volatile boolean isSilent;

    Wire(int to) throws IOException {
        thread(() -> {
            while (true) {
                Socket accepted = listening.accept();
                Socket server = new Socket("localhost", to);
                ends.addAll(List.of(accepted, server));
                thread(() -> pass(server.getInputStream(), accepted.getOutputStream()));
                thread(() -> pass(accepted.getInputStream(), server.getOutputStream()));
            }
        });
    }

    private void pass(InputStream from, OutputStream to) throws IOException {
        byte[] bytes = new byte[8192];
        for (int read = from.read(bytes); read >= 0; read = from.read(bytes)) {
            if (!isSilent) {
                to.write(bytes, 0, read);
            }
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void thread(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException e) {
                System.getLogger(Wire.class.getName()).log(System.Logger.Level.DEBUG, "cut", e);
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return listening.getLocalPort();
    }

    void silence() {
        isSilent = true;
    }

    void cut() throws IOException {
        for (Socket end : ends) {
            end.close();
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        cut();
    }
}
