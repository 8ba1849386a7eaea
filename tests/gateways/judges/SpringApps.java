import java.io.FileReader;
import java.io.Reader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Properties;
import java.util.Scanner;
import javax.servlet.DispatcherType;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.servlet.FilterHolder;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;
import org.eclipse.jetty.util.log.Log;
import org.eclipse.jetty.util.log.StdErrLog;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;
import org.springframework.web.filter.CorsFilter;

/**
 * Applications behind Spring's filter, each with the CorsConfiguration that a file of properties
 * says. The line that it reads names their number; it writes their ports, and serves until its
 * input ends.
 */
public class SpringApps {
  public static void main(String[] arguments) throws Exception {
    // Its own threads would keep a program alive that has failed to start.
    Thread.setDefaultUncaughtExceptionHandler(SpringApps::end);
    StdErrLog quiet = new StdErrLog();
    quiet.setLevel(StdErrLog.LEVEL_WARN);
    Log.setLog(quiet);
    Scanner lines = new Scanner(System.in);
    int count = Integer.parseInt(lines.nextLine());
    List<Integer> ports = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ports.add(started("app-" + i + ".properties"));
    }
    System.out.println(ports);
    while (lines.hasNextLine()) {
      lines.nextLine();
    }
    System.exit(0);
  }

  private static void end(Thread thread, Throwable error) {
    error.printStackTrace();
    Runtime.getRuntime().halt(1);
  }

  private static int started(String file) throws Exception {
    UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
    source.registerCorsConfiguration("/**", configuration(file));
    ServletContextHandler context = new ServletContextHandler();
    FilterHolder filter = new FilterHolder(new CorsFilter(source));
    context.addFilter(filter, "/*", EnumSet.of(DispatcherType.REQUEST));
    context.addServlet(new ServletHolder(new Answer()), "/*");
    Server server = new Server();
    ServerConnector connector = new ServerConnector(server, 1, 1);
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.setHandler(context);
    server.start();
    return connector.getLocalPort();
  }

  private static CorsConfiguration configuration(String file) throws Exception {
    Properties given = new Properties();
    try (Reader reader = new FileReader(file)) {
      given.load(reader);
    }
    CorsConfiguration found = new CorsConfiguration();
    found.setAllowedOrigins(list(given, "allowedOrigins"));
    found.setAllowedMethods(list(given, "allowedMethods"));
    found.setAllowedHeaders(list(given, "allowedHeaders"));
    found.setExposedHeaders(list(given, "exposedHeaders"));
    found.setAllowCredentials(given.containsKey("allowCredentials"));
    String age = given.getProperty("maxAge");
    found.setMaxAge(age == null ? null : Long.valueOf(age));
    return found;
  }

  private static List<String> list(Properties given, String name) {
    String text = given.getProperty(name);
    return text == null ? null : Arrays.asList(text.split(","));
  }

  private static class Answer extends HttpServlet {
    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) {
      response.setHeader("ETag", "\"1\"");
      for (String name : List.of("X-Total-Count", "X-Secret", "X-Reached")) {
        response.setHeader(name, "1");
      }
      response.setStatus(request.getRequestURI().equals("/error") ? 500 : 200);
    }
  }
}
