// The few parts of Flex UI 2 that this plugin touches, as its declarations have them. Everything that an account, a
// version or another plugin may leave out is optional, so that the compiler asks what happens then.

export interface Task {
  /** The reservation (`WR…`), in spite of its name. */
  sid?: string;
  /** The reservation, where `sid` is the task's. */
  reservationSid?: string;
  /** The task (`WT…`). */
  taskSid?: string;
  attributes?: unknown;
  channelType?: string;
  taskChannelUniqueName?: string;
  /** The reservation's: `pending`, `accepted`, `wrapping`, … */
  status?: string;
  queueName?: string;
  /** The other end, as Flex shows it. */
  defaultFrom?: string;
  dateCreated?: Date | string | number;
  dateUpdated?: Date | string | number;
}

/** What the actions about a task carry: the task, or only a reservation's sid, or (on deselect) neither. */
export interface Selected {
  task?: Task | null;
  sid?: string | null;
}

export interface State {
  flex?: {
    config?: Configuration;
    session?: { ssoTokenPayload?: { token?: string } };
    view?: { selectedTaskSid?: string };
    phone?: { activeCall?: unknown };
    worker?: { activity?: { sid?: string }; tasks?: ReadonlyMap<string, Task> };
  };
}

export interface Configuration {
  custom_data?: { deskside_panel?: unknown; deskside_url?: unknown };
  language?: string;
  theme?: { isLight?: boolean };
}

/** The part of the account's Flex configuration that outbound calls go by. */
export interface ServiceConfiguration {
  outbound_call_flows?: {
    default?: { enabled?: boolean; caller_id?: string; queue_sid?: string; workflow_sid?: string };
  } | null;
  taskrouter_offline_activity_sid?: string;
}

/** A plugin, as Flex's loader lists it. */
export interface Listed {
  uuid?: string;
  src?: unknown;
}

export interface Manager {
  configuration?: Configuration;
  events?: {
    addListener(name: string, listener: (payload?: unknown) => void): unknown;
    removeListener?(name: string, listener: (payload?: unknown) => void): unknown;
  };
  localization?: { localeTag?: string };
  serviceConfiguration?: ServiceConfiguration;
  strings?: Record<string, string>;
  store?: { getState(): State; subscribe(listener: () => void): () => void };
  user?: { token?: string };
  /** TaskRouter's SDK. */
  workerClient?: {
    createTask(to: string, from: string, workflow: string, queue: string, options: object): Promise<unknown>;
  };
}

/** A place whose content plugins change. */
export interface Place {
  Content: { add(element: unknown): unknown; replace(element: unknown): unknown };
}

export interface Flex {
  Actions: {
    addListener(name: string, listener: (payload?: Selected, abort?: () => void) => void): unknown;
    invokeAction(name: string, payload: object): Promise<unknown>;
  };
  AgentDesktopView?: { Panel2?: Place };
  CRMContainer: Place;
  NotificationType?: { warning?: string };
  Notifications?: { registerNotification?(notification: object): unknown; showNotification?(id: string): unknown };
  TaskCanvasTabs?: Place;
  TaskHelper?: { getTaskByTaskSid?(sid: string): Task | undefined };
}

declare global {
  interface Window {
    React: { createElement(type: string, props: Record<string, unknown>): unknown };
    Twilio: { Flex: { Plugins: { init(plugin: new () => { name: string; init(flex: Flex, manager: Manager, plugins?: Listed[]): unknown }): void } } };
  }
}
