import * as FlexPlugin from '@twilio/flex-plugin';

import DesksidePlugin from './DesksidePlugin';

FlexPlugin.loadPlugin(DesksidePlugin);
